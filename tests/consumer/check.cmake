# Run by ctest: install into a scratch directory, build consumer.c against it both ways, compare what the two print.
#   BUILD        build directory of bondflow     WORK   scratch directory, emptied first
#   SOURCE       this directory                  LIBDIR, GENERATOR, COMPILER  as bondflow was built
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${code}\n${out}${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

function(expect_result what)
  set(expected "0 0.000 0.000 0.000\n1 0.000 0.000 0.000\n2 1.000 0.000 0.000\n")
  string(REGEX REPLACE "-0\\.000" "0.000" seen "${out}")
  if(NOT seen STREQUAL expected)
    message(FATAL_ERROR "${what} printed\n${out}instead of\n${expected}")
  endif()
endfunction()

# The installed tree is moved before use: nothing in it may depend on where it was installed.
file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/staged)
file(RENAME ${WORK}/staged ${WORK}/prefix)

run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_C_COMPILER=${COMPILER}
  -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
expect_result("the program built through find_package")

set(ENV{PKG_CONFIG_PATH} ${WORK}/prefix/${LIBDIR}/pkgconfig)
run(pkg-config --cflags --libs bondflow)
separate_arguments(flags UNIX_COMMAND "${out}")
run(${COMPILER} ${SOURCE}/consumer.c -o ${WORK}/consumer ${flags})
run(${WORK}/consumer)
expect_result("the program built through pkg-config")
