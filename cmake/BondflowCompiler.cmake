# Warnings and sanitizers, carried by one interface target that every target of ours links. It is exported with the
# libraries, but empty: a program that uses an installed bondflow chooses its own flags.
add_library(bf_compiler INTERFACE)
set(BF_COMPILE_OPTIONS
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wno-unknown-pragmas
  # Bit-reproducible numbers: no value-changing optimisation, and no contraction that depends on the optimiser's mood.
  -ffp-contract=off -fno-fast-math)
if(BF_WERROR)
  list(APPEND BF_COMPILE_OPTIONS -Werror)
endif()
if(BF_SANITIZE)
  list(APPEND BF_COMPILE_OPTIONS
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g)
  target_link_options(bf_compiler INTERFACE $<BUILD_INTERFACE:-fsanitize=address,undefined>)
endif()
target_compile_options(bf_compiler INTERFACE "$<BUILD_INTERFACE:${BF_COMPILE_OPTIONS}>")
target_include_directories(bf_compiler INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
