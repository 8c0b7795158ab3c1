/** The cookies of one call. */
export class CookieJar {
  /** The value of the header `Cookie` for this URL, or undefined when there is none to send. */
  header(_url: URL, _nowMs: number): string | undefined {
    return undefined;
  }
}
