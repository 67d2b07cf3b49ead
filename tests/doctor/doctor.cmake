# bondflow_doctor: each check sees what it is there to see. One script per layer; the measuring ones want the machine for themselves.
set(BF_DOCTOR_DIR ${CMAKE_CURRENT_LIST_DIR})
foreach(topic report l3_memory l4_blas l5_cores l5_starpu l6_mpi l7_launch)
  add_test(NAME doctor_${topic} COMMAND ${BASH_PROGRAM} ${BF_DOCTOR_DIR}/${topic}.sh)
  set_tests_properties(doctor_${topic} PROPERTIES LABELS doctor TIMEOUT 300 PROCESSORS 2 ENVIRONMENT
    "${BF_TEST_ENVIRONMENT};${BF_CLI_ENVIRONMENT};MPIRUN=${BF_MPI_RUN};DOCTOR=$<TARGET_FILE:bondflow_doctor>;LAPACK_FAULT=$<TARGET_FILE:lapack_fault>")
endforeach()
add_test(NAME doctor_build_starpu COMMAND ${BASH_PROGRAM} ${BF_DOCTOR_DIR}/build_starpu.sh)
set_tests_properties(doctor_build_starpu PROPERTIES LABELS doctor TIMEOUT 120
  ENVIRONMENT "${BF_CLI_ENVIRONMENT};BUILD_STARPU=${CMAKE_SOURCE_DIR}/scripts/build-starpu")
