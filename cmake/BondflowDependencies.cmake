# Every dependency is found by pkg-config or CMake's own modules; scripts/setup installs Debian's packages for them.

find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
  message(FATAL_ERROR "pkg-config is missing; on Debian: apt install pkgconf, or scripts/setup for everything at once")
endif()
find_package(Threads REQUIRED)

# bf_require(PREFIX "what it is" DEBIAN_PACKAGE MODULE...): the first module that pkg-config knows, as PkgConfig::PREFIX.
# Keeps the module's name in PREFIX_MODULE for the installed package.
function(bf_require prefix what package)
  foreach(module ${ARGN})
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${module})
    if(${prefix}_FOUND)
      message(STATUS "Found ${what}: ${module} ${${prefix}_VERSION}")
      set(${prefix}_MODULE ${module} PARENT_SCOPE)
      set(${prefix}_VERSION ${${prefix}_VERSION} PARENT_SCOPE)
      set(${prefix}_FOUND TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
  list(JOIN ARGN " or " modules)
  message(FATAL_ERROR "${what} is missing (pkg-config knows no ${modules}); "
    "on Debian: apt install ${package}, or scripts/setup for everything at once")
endfunction()

# A StarPU of one's own (scripts/build-starpu) is named, and then it is that one or none.
set(BF_STARPU_PREFIX "" CACHE PATH "Where StarPU is installed; empty: where pkg-config finds it")
if(BF_STARPU_PREFIX)
  list(PREPEND CMAKE_PREFIX_PATH ${BF_STARPU_PREFIX})
  file(GLOB starpu_modules ${BF_STARPU_PREFIX}/lib*/pkgconfig/starpumpi-1.[34].pc ${BF_STARPU_PREFIX}/lib/*/pkgconfig/starpumpi-1.[34].pc)
  if(NOT starpu_modules)
    message(FATAL_ERROR "no StarPU 1.3 or 1.4 with MPI in BF_STARPU_PREFIX=${BF_STARPU_PREFIX}; scripts/build-starpu builds one")
  endif()
  set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON) # an installed program finds it where it was
  list(TRANSFORM starpu_modules REPLACE ".*/(.*)\\.pc" "\\1")
else()
  set(starpu_modules starpumpi-1.4 starpumpi-1.3)
endif()
bf_require(STARPUMPI "StarPU with MPI" libstarpu-dev ${starpu_modules})
bf_require(OPENBLAS "OpenBLAS" libopenblas-dev openblas)
bf_require(LAPACKE "LAPACKE" liblapacke-dev lapacke)
bf_require(HWLOC "hwloc" libhwloc-dev hwloc)
bf_require(JANSSON "jansson" libjansson-dev jansson)
bf_require(XXHASH "xxHash" libxxhash-dev libxxhash)
bf_require(HDF5 "HDF5" libhdf5-dev hdf5-serial hdf5)
bf_require(ZLIB "zlib" zlib1g-dev zlib)

# Headers only, without a pkg-config file.
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h)
mark_as_advanced(RANDOM123_INCLUDE_DIR)
if(NOT RANDOM123_INCLUDE_DIR)
  message(FATAL_ERROR "Random123 is missing (no Random123/philox.h); "
    "on Debian: apt install librandom123-dev, or scripts/setup for everything at once")
endif()
message(STATUS "Found Random123: ${RANDOM123_INCLUDE_DIR}")

find_package(MPI QUIET COMPONENTS C)
if(NOT MPI_C_FOUND)
  message(FATAL_ERROR "MPI is missing (no working mpicc); "
    "on Debian: apt install libopenmpi-dev openmpi-bin, or scripts/setup for everything at once")
endif()
message(STATUS "Found MPI: standard ${MPI_C_VERSION}, launcher ${MPIEXEC_EXECUTABLE}")

include(CTest) # defines BUILD_TESTING
if(BUILD_TESTING)
  bf_require(CUNIT "CUnit, which the tests use" libcunit1-dev cunit)
endif()

# What this build of StarPU allows: fixed when StarPU was compiled, so say it here and not only when a run is slow.
function(bf_starpu_limits)
  find_file(header NAMES starpu_config.h HINTS ${STARPUMPI_INCLUDE_DIRS} NO_CACHE REQUIRED)
  set(limits "")
  foreach(name MAXCPUS NMAXBUFS MAXNUMANODES)
    file(STRINGS ${header} line REGEX "^#define[ \t]+STARPU_${name}[ \t]+[0-9]+")
    string(REGEX MATCH "[0-9]+$" value "${line}")
    list(APPEND limits "STARPU_${name}=${value}")
  endforeach()
  file(STRINGS ${header} fxt REGEX "^#define[ \t]+STARPU_USE_FXT")
  if(fxt)
    list(APPEND limits "FxT yes")
  else()
    list(APPEND limits "FxT no")
  endif()
  list(JOIN limits ", " limits)
  message(STATUS "StarPU limits: ${limits}")
endfunction()
bf_starpu_limits()
