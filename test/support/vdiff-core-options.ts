/** The core options that vtctlclient sends with a VDiff when none is chosen (go/vt/vtctl/vdiff2.go, v18). */
export const defaultCoreOptions = {
  auto_retry: true,
  max_rows: "9223372036854775807",
  sample_pct: 100,
  timeout_seconds: 30,
  max_extra_rows_to_compare: 1000,
};
