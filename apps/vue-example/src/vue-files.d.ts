/** What the compiler is to think of a `.vue` file, which it does not read. */
declare module '*.vue' {
  import type { Component } from 'vue';
  const component: Component;
  export default component;
}
