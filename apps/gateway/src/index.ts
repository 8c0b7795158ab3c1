export { ConfigError, readConfig, type GatewayConfig } from './config.ts';
export { createGateway, type Gateway, type GatewayCounts, type GatewayOptions } from './gateway.ts';
export { mintToken, type TokenOrder } from './edge/token.ts';
export { createLog, type Logger, type LogOptions } from './log.ts';
