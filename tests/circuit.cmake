# Unit tests of runtime/circuit: plain CUnit programs, no StarPU, no MPI.
foreach(topic gates qasm language bits modifiers lower passes route template)
  add_executable(test_circuit_${topic} ${CMAKE_CURRENT_LIST_DIR}/test_circuit_${topic}.c
    ${CMAKE_CURRENT_LIST_DIR}/circuit_reference.c ${CMAKE_CURRENT_LIST_DIR}/circuit_testing.c
    ${CMAKE_CURRENT_LIST_DIR}/oracle_random.c)
  target_link_libraries(test_circuit_${topic} PRIVATE bf_circuit PkgConfig::CUNIT m)
  set_target_properties(test_circuit_${topic} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  add_test(NAME circuit_${topic} COMMAND test_circuit_${topic})
  set_tests_properties(circuit_${topic} PROPERTIES LABELS unit TIMEOUT 120)
endforeach()

# What fuzzing found once, and the seeds it starts from, as an ordinary test.
set(BF_FUZZ_DIR ${CMAKE_CURRENT_LIST_DIR}/fuzz)
add_executable(replay_circuit ${BF_FUZZ_DIR}/replay.c ${BF_FUZZ_DIR}/fuzz_circuit.c)
target_link_libraries(replay_circuit PRIVATE bf_circuit m)
set_target_properties(replay_circuit PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
add_test(NAME circuit_fuzz_corpus COMMAND replay_circuit ${BF_FUZZ_DIR}/corpus)
set_tests_properties(circuit_fuzz_corpus PROPERTIES LABELS unit TIMEOUT 120)

# The fuzzer: clang only, everything it runs instrumented, limits small enough for a small machine. scripts/fuzz runs it.
option(BF_FUZZ "Build the libFuzzer target of the circuit front end (needs clang)" OFF)
if(BF_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "BF_FUZZ needs clang, not ${CMAKE_C_COMPILER_ID}: configure with -DCMAKE_C_COMPILER=clang")
  endif()
  get_target_property(BF_FUZZ_SOURCES bf_circuit SOURCES)
  list(TRANSFORM BF_FUZZ_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/runtime/)
  add_executable(fuzz_circuit ${BF_FUZZ_DIR}/fuzz_circuit.c ${BF_FUZZ_SOURCES} ${CMAKE_SOURCE_DIR}/kernels/gate.c
    ${CMAKE_SOURCE_DIR}/kernels/logic.c)
  target_compile_definitions(fuzz_circuit PRIVATE BF_CIRCUIT_MAX_QUBITS=2000 BF_CIRCUIT_MAX_GATES=50000
    BF_CIRCUIT_MAX_INPUTS=1000 BF_CIRCUIT_MAX_BITS=5000)
  target_compile_options(fuzz_circuit PRIVATE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined)
  target_link_options(fuzz_circuit PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_libraries(fuzz_circuit PRIVATE bf_compiler PkgConfig::XXHASH Threads::Threads m)
endif()
