# Tables and results of many rows: files only, no StarPU, no MPI.
foreach(topic table features)
  bf_add_unit_test(test_${topic} test_${topic}.c io_testing.c)
  target_link_libraries(test_${topic} PRIVATE PkgConfig::HDF5 PkgConfig::ZLIB PkgConfig::JANSSON)
endforeach()
