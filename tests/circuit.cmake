# Unit tests of runtime/circuit: plain CUnit programs, no StarPU, no MPI.
foreach(topic gates qasm lower)
  add_executable(test_circuit_${topic} ${CMAKE_CURRENT_LIST_DIR}/test_circuit_${topic}.c
    ${CMAKE_CURRENT_LIST_DIR}/circuit_reference.c ${CMAKE_CURRENT_LIST_DIR}/oracle_random.c)
  target_link_libraries(test_circuit_${topic} PRIVATE bf_circuit PkgConfig::CUNIT m)
  set_target_properties(test_circuit_${topic} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  add_test(NAME circuit_${topic} COMMAND test_circuit_${topic})
  set_tests_properties(circuit_${topic} PROPERTIES LABELS unit TIMEOUT 120)
endforeach()
