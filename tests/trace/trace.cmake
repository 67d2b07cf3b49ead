# Traces: recording, reading, analysing.
set(BF_TRACE_DIR ${CMAKE_CURRENT_LIST_DIR})
add_executable(trace_facts ${BF_TRACE_DIR}/trace_facts.c)
target_link_libraries(trace_facts PRIVATE bondflow)
# Traces made by hand: for the analysis, and as large ones as wanted.
add_library(trace_maker STATIC ${BF_TRACE_DIR}/maker.c)
target_link_libraries(trace_maker PUBLIC bondflow)
add_executable(make_trace ${BF_TRACE_DIR}/make_trace.c)
target_link_libraries(make_trace PRIVATE trace_maker)
bf_add_unit_test(test_trace ${BF_TRACE_DIR}/test_trace.c)
target_link_libraries(test_trace PRIVATE trace_maker)
add_executable(paje_check ${BF_TRACE_DIR}/paje_check.c)
target_link_libraries(paje_check PRIVATE bf_compiler)
set_target_properties(trace_facts paje_check make_trace PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})

foreach(topic record killed report)
  add_test(NAME trace_${topic} COMMAND ${BASH_PROGRAM} ${BF_TRACE_DIR}/${topic}.sh)
  set_tests_properties(trace_${topic} PROPERTIES LABELS trace TIMEOUT 180 PROCESSORS 2
    ENVIRONMENT "${BF_MPI_ENVIRONMENT};${BF_CLI_ENVIRONMENT};MPIRUN=${BF_MPI_RUN};LAPACK_FAULT=$<TARGET_FILE:lapack_fault>;TRACE_FACTS=$<TARGET_FILE:trace_facts>;TRACE_REPORT=$<TARGET_FILE:trace_report>;PAJE_CHECK=$<TARGET_FILE:paje_check>;MAKE_TRACE=$<TARGET_FILE:make_trace>")
endforeach()
