# Against Qiskit and MQT Bench, where scripts/python has installed them.
set(BF_PYTHON ${CMAKE_BINARY_DIR}/python/bin/python CACHE FILEPATH "Python with tests/python/requirements.txt, for the tests with Qiskit")

function(bf_add_python_test name script)
  add_test(NAME ${name} COMMAND ${BF_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/${script} ${ARGN} $<TARGET_FILE:circuit_xyz_exp>)
  set_tests_properties(${name} PROPERTIES LABELS python TIMEOUT 900 SKIP_RETURN_CODE 77 PROCESSORS 2
    ENVIRONMENT "${BF_TEST_ENVIRONMENT};PYTHONDONTWRITEBYTECODE=1")
endfunction()

if(EXISTS ${BF_PYTHON})
  bf_add_python_test(python_qiskit qiskit_roundtrip.py)
  bf_add_python_test(python_mqt_bench mqt_bench.py)
  bf_add_python_test(python_mqt_bench_100 mqt_bench.py --wide quick)
else()
  message(STATUS "No ${BF_PYTHON}: the tests with Qiskit are left out; scripts/python installs it")
endif()
