/** What of the SDK's devices the tests use, in the console of the page as a developer would. */
export interface ConsoleDevices {
  readonly audio: {
    readonly store: {
      getSnapshot(): { readonly speakers: readonly { readonly deviceId: string }[] };
    };
    refresh(): Promise<{ readonly speakers: readonly { readonly deviceId: string }[] }>;
    requestPermission(): Promise<void>;
    setInputDevice(deviceId: string): Promise<void>;
    openMeter(): Promise<{ readonly level: number; close(): void }>;
    readonly speakerDevices: { set(deviceId: string): Promise<void>; test(): Promise<void> };
    readonly ringtoneDevices: { set(deviceId: string): Promise<void> };
  };
  readonly activeCall: {
    readonly media: {
      readonly camera: { switch(to?: string): Promise<void> };
      readonly screen: { readonly state: string; on(options?: { readonly audio: boolean }): Promise<void> };
      readonly remoteScreen: MediaStream | null;
      attachScreen(element: HTMLVideoElement): void;
      setPreferredQuality(quality: 'low' | 'high'): void;
    };
    mute(): void;
    on(name: 'warning' | 'warning-cleared', listener: (warning: { readonly name: string }) => void): void;
    getStats(): Promise<{ readonly send: RTCStatsReport | null; readonly recv: RTCStatsReport | null }>;
  } | null;
  once(name: 'deviceChange' | 'inputVolume'): Promise<readonly [never]>;
}
