/* suites.h - what a unit test gives to main. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_TESTS_SUPPORT_SUITES_H
#define HEED_TESTS_SUPPORT_SUITES_H

#include <CUnit/CUnit.h>

/* The suites of this program, ended by CU_SUITE_INFO_NULL; defined by the
 * test file. */
extern CU_SuiteInfo heed_suites[];

#endif /* HEED_TESTS_SUPPORT_SUITES_H */
