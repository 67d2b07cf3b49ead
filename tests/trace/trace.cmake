# Traces: recording, reading, analysing.
set(BF_TRACE_DIR ${CMAKE_CURRENT_LIST_DIR})
add_executable(trace_facts ${BF_TRACE_DIR}/trace_facts.c)
target_link_libraries(trace_facts PRIVATE bondflow)
add_executable(paje_check ${BF_TRACE_DIR}/paje_check.c)
target_link_libraries(paje_check PRIVATE bf_compiler)
set_target_properties(trace_facts paje_check PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})

foreach(topic record killed report)
  add_test(NAME trace_${topic} COMMAND ${BASH_PROGRAM} ${BF_TRACE_DIR}/${topic}.sh)
  set_tests_properties(trace_${topic} PROPERTIES LABELS trace TIMEOUT 180 PROCESSORS 2
    ENVIRONMENT "${BF_MPI_ENVIRONMENT};${BF_CLI_ENVIRONMENT};MPIRUN=${BF_MPI_RUN};LAPACK_FAULT=$<TARGET_FILE:lapack_fault>;TRACE_FACTS=$<TARGET_FILE:trace_facts>;TRACE_REPORT=$<TARGET_FILE:trace_report>;PAJE_CHECK=$<TARGET_FILE:paje_check>")
endforeach()
