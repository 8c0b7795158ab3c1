/** What a device closes its socket with when its page is put aside, and may be back: its session goes into its grace. */
export const SUSPENDED_CLOSE_CODE = 4001;
