# Programs, libraries, headers, and the two ways to find them: find_package(bondflow) and pkg-config bondflow.
# The headers keep their paths under include/bondflow, which is the one directory a user's compiler needs.
include(CMakePackageConfigHelpers)

set(BF_LIBRARIES bf_runtime bf_circuit bf_codelets bf_kernels) # in link order
target_include_directories(bondflow INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/bondflow>)

set(BF_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/bondflow)
install(TARGETS bondflow bf_compiler ${BF_LIBRARIES} EXPORT bondflow ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT bondflow NAMESPACE bondflow:: DESTINATION ${BF_CMAKE_DIR} FILE bondflowTargets.cmake)

set(BF_KERNEL_HEADERS contract expect factor gate logic sample span tensor transfer truncate types)
list(TRANSFORM BF_KERNEL_HEADERS REPLACE "(.+)" "kernels/\\1.h")
install(FILES ${BF_KERNEL_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bondflow/kernels)
install(FILES codelets/feature.h codelets/ledger.h codelets/precision.h codelets/program.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bondflow/codelets)
install(FILES runtime/error.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bondflow/runtime)
install(FILES runtime/circuit/circuit.h runtime/circuit/passes.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bondflow/runtime/circuit)
install(FILES runtime/bondflow.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bondflow)
install(FILES LICENSE README.md KNOWN_PROBLEMS.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(cmake/bondflowConfig.cmake.in bondflowConfig.cmake INSTALL_DESTINATION ${BF_CMAKE_DIR})
write_basic_package_version_file(bondflowConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/bondflowConfig.cmake ${PROJECT_BINARY_DIR}/bondflowConfigVersion.cmake
  DESTINATION ${BF_CMAKE_DIR})

# bondflow.pc says where it is relative to itself, so that an installed tree can be moved.
file(RELATIVE_PATH BF_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" BF_PC_PREFIX ${BF_PC_PREFIX})
list(TRANSFORM BF_LIBRARIES PREPEND -l OUTPUT_VARIABLE BF_PC_LIBS)
list(JOIN BF_PC_LIBS " " BF_PC_LIBS)
list(JOIN MPI_C_LIBRARIES " " BF_PC_MPI)
# A StarPU of one's own is not where pkg-config looks; with the headers of another one programs would crash, so say where it is.
if(BF_STARPU_PREFIX)
  list(JOIN STARPUMPI_LDFLAGS " " BF_PC_STARPU_LIBS)
  string(APPEND BF_PC_STARPU_LIBS " -Wl,-rpath,${STARPUMPI_LIBDIR}")
  list(JOIN STARPUMPI_CFLAGS " " BF_PC_STARPU_CFLAGS)
else()
  set(BF_PC_STARPU "${STARPUMPI_MODULE} ")
endif()
configure_file(cmake/bondflow.pc.in bondflow.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/bondflow.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
