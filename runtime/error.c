/* The first-error slot. Later errors are usually consequences of the first one, so they are dropped. */
#include "runtime/error.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bf_status_t first_code = BF_OK;
static char first_message[4096];

bf_status_t bf_error_set(bf_status_t code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    pthread_mutex_lock(&lock);
    if (first_code == BF_OK) {
        first_code = code;
        vsnprintf(first_message, sizeof first_message, format, args);
    }
    pthread_mutex_unlock(&lock);
    va_end(args);
    return code;
}

const char *bf_error_message(void)
{
    return first_message;
}

bf_status_t bf_error_code(void)
{
    pthread_mutex_lock(&lock);
    const bf_status_t code = first_code;
    pthread_mutex_unlock(&lock);
    return code;
}

void bf_error_clear(void)
{
    pthread_mutex_lock(&lock);
    first_code = BF_OK;
    first_message[0] = '\0';
    pthread_mutex_unlock(&lock);
}
