/**
 * Makes the page one that can be installed, and that opens while the gateway is away. Never in the way: a browser
 * without service workers, or an origin where they are forbidden, has the page as it is.
 */
export function installServiceWorker(): void {
  if (!('serviceWorker' in navigator) || !isSecureContext) return;
  // After the page has its own files: what is fetched for later must not make it wait.
  const register = (): void => {
    navigator.serviceWorker.register('/service-worker.js').catch(() => undefined);
  };
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}
