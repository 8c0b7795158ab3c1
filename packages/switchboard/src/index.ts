export * from './media-plane.ts';
