/** @file fuzz_circuit.h
 *  @brief The entry point that libFuzzer and the replaying test share.
 */
#ifndef BF_FUZZ_CIRCUIT_H
#define BF_FUZZ_CIRCUIT_H

#include <stddef.h>
#include <stdint.h>

/** @brief Run one input; aborts when the program under test misbehaves. @return 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
