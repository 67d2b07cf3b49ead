# Warnings and sanitizers, carried by one interface target that every target of ours links.
add_library(bf_compiler INTERFACE)
target_compile_options(bf_compiler INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wno-unknown-pragmas
  # Bit-reproducible numbers: no value-changing optimisation, and no contraction that depends on the optimiser's mood.
  -ffp-contract=off -fno-fast-math
  $<$<BOOL:${BF_WERROR}>:-Werror>)
target_include_directories(bf_compiler INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>)
if(BF_SANITIZE)
  target_compile_options(bf_compiler INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g)
  target_link_options(bf_compiler INTERFACE -fsanitize=address,undefined)
endif()
