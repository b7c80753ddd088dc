/**
 * An event of every stream of the API besides its own: where nothing else comes, it comes every 15 seconds with an empty
 * object. A browser does not tell a page of comments, so the page would not know a dead connection from a quiet one.
 */
export const ALIVE_EVENT = 'alive';
