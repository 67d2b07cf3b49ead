# Unit tests of kernels/: plain CUnit executables, no StarPU.
foreach(topic blas truncate contract factor sectors transfer expect orthogonalise span sample lanes)
  add_executable(test_kernels_${topic} ${CMAKE_CURRENT_LIST_DIR}/test_kernels_${topic}.c)
  target_link_libraries(test_kernels_${topic} PRIVATE bf_kernels PkgConfig::CUNIT m)
  add_test(NAME kernels_${topic} COMMAND test_kernels_${topic})
  set_tests_properties(kernels_${topic} PROPERTIES LABELS unit TIMEOUT 300 ENVIRONMENT "OPENBLAS_NUM_THREADS=1")
endforeach()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64") # every instruction set against the plain one
  target_compile_definitions(test_kernels_lanes PRIVATE BF_HAVE_X86)
endif()
