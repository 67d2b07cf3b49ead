# The commands of the manual, run as they stand.
foreach(page docs/tour.md README.md)
  get_filename_component(name ${page} NAME_WE)
  add_test(NAME tour_${name} COMMAND ${BASH_PROGRAM} ${CMAKE_CURRENT_LIST_DIR}/run.sh ${CMAKE_SOURCE_DIR}/${page})
  set_tests_properties(tour_${name} PROPERTIES LABELS tour TIMEOUT 300 RUN_SERIAL ON
    ENVIRONMENT "BUILD_DIR=${CMAKE_BINARY_DIR};STARPU_HOME=${BF_TEST_STARPU_HOME}")
endforeach()
