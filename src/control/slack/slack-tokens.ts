/** What the api does about Slack; null: this broker has none. */
export const SLACK_SERVICE = Symbol('SlackService');
/** How Slack is set up; null: it is not. */
export const SLACK_SETTINGS = Symbol('SlackSettings');
