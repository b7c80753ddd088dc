/** In logs, metrics and what operators see. */
export const CHANNEL_NAME = 'slack';
