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

add_executable(rows_tool ${BF_ROWS_DIR}/rows_tool.c oracle_random.c)
target_include_directories(rows_tool PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(rows_tool PRIVATE bf_compiler PkgConfig::HDF5 m)
set_target_properties(rows_tool PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})

# A shell test of many rows: bf_add_rows_script(name timeout script arguments...). Exit code 77: not possible here.
function(bf_add_rows_script name timeout script)
  add_test(NAME ${name} COMMAND ${BASH_PROGRAM} ${BF_ROWS_DIR}/${script} ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS rows TIMEOUT ${timeout} PROCESSORS 4 SKIP_RETURN_CODE 77
    ENVIRONMENT "${BF_MPI_ENVIRONMENT};${BF_CLI_ENVIRONMENT};MPIRUN=${BF_MPI_RUN};ROWS_TOOL=$<TARGET_FILE:rows_tool>")
endfunction()
bf_add_rows_script(rows_interrupt 300 interrupt.sh 4)
bf_add_rows_script(rows_same_bytes 300 same_bytes.sh)
bf_add_rows_script(rows_resume 300 resume.sh)
bf_add_rows_script(rows_bad_tables 180 bad_tables.sh)
bf_add_rows_script(rows_faults 180 faults.sh)
