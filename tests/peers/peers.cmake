# The harness of bench/peers without the peers: its schedule, its tables, its circuits' exact values.
find_program(PYTHON3_PROGRAM python3)
if(PYTHON3_PROGRAM)
  add_test(NAME peers_harness COMMAND ${PYTHON3_PROGRAM} ${CMAKE_CURRENT_LIST_DIR}/peers_harness.py)
  set_tests_properties(peers_harness PROPERTIES LABELS cli TIMEOUT 60 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
else()
  message(STATUS "No python3: the test of bench/peers is left out")
endif()
