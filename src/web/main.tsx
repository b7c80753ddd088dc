import './theme/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { noteTouches } from './api/presence.js';
import { App } from './shell/app.js';
import { applyTheme } from './theme/theme.js';

applyTheme();
noteTouches();
const place = document.querySelector('#page');
if (place === null) throw new Error('index.html lacks its place for the page');
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
