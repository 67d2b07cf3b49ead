# The installed package, used from outside. A sanitized build is not meant to be installed.
if(NOT BF_SANITIZE)
  add_test(NAME test_consumer COMMAND ${CMAKE_COMMAND}
    -D BUILD=${CMAKE_BINARY_DIR} -D WORK=${CMAKE_CURRENT_BINARY_DIR}/consumer -D SOURCE=${CMAKE_CURRENT_LIST_DIR}/consumer
    -D LIBDIR=${CMAKE_INSTALL_LIBDIR} -D GENERATOR=${CMAKE_GENERATOR} -D COMPILER=${CMAKE_C_COMPILER}
    -P ${CMAKE_CURRENT_LIST_DIR}/consumer/check.cmake)
  set_tests_properties(test_consumer PROPERTIES LABELS package TIMEOUT 120 ENVIRONMENT "${BF_TEST_ENVIRONMENT}")
endif()
