/** What it takes to sign a request in the name of an account. */
export interface WebhookAccount {
  readonly sid: string;
  /** The key of `X-Twilio-Signature`. */
  readonly authToken: string;
  /** Standard Webhooks secrets, `whsec_…`: the current one first, then the one it replaced while that is still valid. */
  readonly webhookSecrets: readonly string[];
}
