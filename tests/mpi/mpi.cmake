# Tests on several ranks.
set(BF_MPI_DIR ${CMAKE_CURRENT_LIST_DIR})
string(JOIN " " BF_MPI_RUN ${MPIEXEC_EXECUTABLE} ${BF_MPI_FLAGS})

bf_add_cunit_program(test_mpi_failure ${BF_MPI_DIR}/test_mpi_failure.c)
target_link_libraries(test_mpi_failure PRIVATE bf_test_support)
target_include_directories(test_mpi_failure PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
bf_add_mpi_test(test_mpi_failure COMMAND test_mpi_failure)

bf_add_cunit_program(hash_states ${BF_MPI_DIR}/hash_states.c)
target_link_libraries(hash_states PRIVATE bf_test_support)
target_include_directories(hash_states PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
add_library(lapack_fault MODULE ${BF_MPI_DIR}/lapack_fault.c)
target_link_libraries(lapack_fault PRIVATE bf_compiler)

# A shell test that starts its own ranks: bf_add_mpi_script(name timeout script arguments...).
function(bf_add_mpi_script name timeout script)
  add_test(NAME ${name} COMMAND ${BASH_PROGRAM} ${BF_MPI_DIR}/${script} ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS mpi TIMEOUT ${timeout} PROCESSORS 4
    ENVIRONMENT "${BF_MPI_ENVIRONMENT};${BF_CLI_ENVIRONMENT};MPIRUN=${BF_MPI_RUN};HASH_STATES=$<TARGET_FILE:hash_states>;LAPACK_FAULT=$<TARGET_FILE:lapack_fault>")
endfunction()
bf_add_mpi_script(mpi_same_csv 300 same_csv.sh)
bf_add_mpi_script(mpi_same_shots 300 same_shots.sh)
bf_add_mpi_script(mpi_same_bits 300 same_bits.sh)
bf_add_mpi_script(mpi_repeat_np2 300 repeat.sh 2)
bf_add_mpi_script(mpi_repeat_np3 300 repeat.sh 3)
bf_add_mpi_script(mpi_errors 180 errors.sh)
