# Jobs of many rows: circuit_xyz_exp --params. After cli.cmake and mpi.cmake.
set(BF_ROWS_DIR ${CMAKE_CURRENT_LIST_DIR})
foreach(topic fermion dense windows)
  bf_add_cunit_program(test_rows_${topic} ${BF_ROWS_DIR}/test_rows_${topic}.c ${BF_ROWS_DIR}/rows_testing.c io_testing.c)
  target_link_libraries(test_rows_${topic} PRIVATE bf_test_support)
  target_include_directories(test_rows_${topic} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${BF_ROWS_DIR})
  add_test(NAME rows_${topic} COMMAND test_rows_${topic})
  set_tests_properties(rows_${topic} PROPERTIES
    LABELS rows TIMEOUT 300 PROCESSORS 2 ENVIRONMENT "${BF_TEST_ENVIRONMENT};${BF_CLI_ENVIRONMENT}")
endforeach()
