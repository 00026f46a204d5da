/* slow.h - how much the tests that hear for long may take.
 * SPDX-License-Identifier: Apache-2.0
 *
 * HEED_TEST_SLOW is 0 where heed runs at its own speed, 1 with sanitizers (ten
 * times slower), 2 where the processor is emulated (more than a hundred times;
 * CMake's option HEED_TEST_SHORT). Such tests then hear less of the same. */
#ifndef HEED_TESTS_SUPPORT_SLOW_H
#define HEED_TESTS_SUPPORT_SLOW_H

#if defined(HEED_TEST_SHORT)
#define HEED_TEST_SLOW 2
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEED_TEST_SLOW 1
#else
#define HEED_TEST_SLOW 0
#endif

#endif /* HEED_TESTS_SUPPORT_SLOW_H */
