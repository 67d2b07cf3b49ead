# The planner and the tensor data interface.
bf_add_unit_test(test_plan test_plan.c)
bf_add_unit_test(test_tensor_data test_tensor_data.c)
bf_add_unit_test(test_tail test_tail.c)
bf_add_unit_test(test_rates test_rates.c)
bf_add_unit_test(test_counts test_counts.c oracle_random.c)
