import './theme/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { noteTouches } from './api/presence.js';
import { createQueryClient } from './api/query-client.js';
import { App } from './shell/app.js';
import { firstAnswers } from './shell/first-answers.js';
import { createPageRouter } from './shell/router.js';
import { applyTheme } from './theme/theme.js';

applyTheme();
noteTouches();
const place = document.querySelector('#page');
if (place === null) throw new Error('index.html lacks its place for the page');
const root = createRoot(place);
const queries = createQueryClient();
const router = createPageRouter(queries);
void firstAnswers(router, queries).then(() =>
  root.render(
    <StrictMode>
      <App router={router} queries={queries} />
    </StrictMode>,
  ),
);
