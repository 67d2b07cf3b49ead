# Shell tests of the built programs.
add_executable(json_get ${CMAKE_CURRENT_LIST_DIR}/json_get.c)
target_link_libraries(json_get PRIVATE bf_compiler PkgConfig::JANSSON)
set_target_properties(json_get PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
set(BF_CLI_ENVIRONMENT
  XYZ=$<TARGET_FILE:circuit_xyz_exp> PLAN=$<TARGET_FILE:circuit_plan> SAMPLE=$<TARGET_FILE:circuit_sample> JSON_GET=$<TARGET_FILE:json_get>)

foreach(topic output summary logs dynamic bad_circuits bad_options passes plan sample)
  add_test(NAME cli_${topic} COMMAND ${BASH_PROGRAM} ${CMAKE_CURRENT_LIST_DIR}/${topic}.sh)
  set_tests_properties(cli_${topic} PROPERTIES
    LABELS cli TIMEOUT 180 ENVIRONMENT "${BF_TEST_ENVIRONMENT};${BF_CLI_ENVIRONMENT}")
endforeach()
bf_add_unit_test(test_log test_log.c)
target_link_libraries(test_log PRIVATE bf_apps)

# sched_tune: its statistics against enumeration, its runs with a stand-in for the program.
bf_add_unit_test(test_sched_tune_stats test_sched_tune_stats.c oracle_random.c)
target_link_libraries(test_sched_tune_stats PRIVATE bf_sched_tune)
add_test(NAME cli_sched_tune COMMAND ${BASH_PROGRAM} ${CMAKE_CURRENT_LIST_DIR}/../tune/tune.sh)
set_tests_properties(cli_sched_tune PROPERTIES
  LABELS cli TIMEOUT 240 ENVIRONMENT "${BF_TEST_ENVIRONMENT};${BF_CLI_ENVIRONMENT};TUNE=$<TARGET_FILE:sched_tune>")
