# Every dependency is found by pkg-config or CMake's own modules; scripts/setup installs Debian's packages for them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)

pkg_check_modules(STARPUMPI IMPORTED_TARGET starpumpi-1.4)
if(NOT STARPUMPI_FOUND)
  pkg_check_modules(STARPUMPI REQUIRED IMPORTED_TARGET starpumpi-1.3)
endif()
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
pkg_check_modules(LAPACKE REQUIRED IMPORTED_TARGET lapacke)
pkg_check_modules(HWLOC REQUIRED IMPORTED_TARGET hwloc)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(CUNIT IMPORTED_TARGET cunit)

message(STATUS "StarPU-MPI ${STARPUMPI_VERSION}, OpenBLAS ${OPENBLAS_VERSION}, MPI ${MPI_C_VERSION}")
