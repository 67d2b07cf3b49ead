# Tables and results of many rows: files only, no StarPU, no MPI.
bf_add_unit_test(test_table test_table.c io_testing.c)
bf_add_unit_test(test_features test_features.c features_testing.c io_testing.c)
bf_add_unit_test(test_features_faults test_features_faults.c features_testing.c io_testing.c)
foreach(test test_table test_features test_features_faults)
  target_link_libraries(${test} PRIVATE PkgConfig::HDF5 PkgConfig::ZLIB PkgConfig::JANSSON)
endforeach()
