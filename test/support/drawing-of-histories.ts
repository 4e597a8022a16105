import fc from 'fast-check';

/**
 * Properties are tried on the same random histories in every run, so that a run that fails fails again, and none fails by
 * luck. Others are tried with `YICHI_TEST_SEED=<number>`.
 */
fc.configureGlobal({ seed: Number(process.env['YICHI_TEST_SEED'] ?? 20240501) });
