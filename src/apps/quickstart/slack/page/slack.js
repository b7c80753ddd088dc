// What the page of the local Slack does in a browser: it draws what has changed, and sends what a person does.
const messages = document.getElementById('messages');
const scroll = document.getElementById('scroll');
const modals = document.getElementById('modals');
const empty = document.getElementById('empty');
const PATHS = { click: '/page/click', submit: '/page/submit', type: '/page/type' };

let isDrawing = false;
let isStale = false;

/** Asks what there is, and again if something has changed meanwhile. */
async function draw() {
  isStale = true;
  if (isDrawing) return;
  isDrawing = true;
  try {
    while (isStale) {
      isStale = false;
      const answer = await fetch(`/page/view${location.search}`);
      show(await answer.json());
    }
  } finally {
    isDrawing = false;
  }
}

function show({ messages: wanted, modal }) {
  const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
  showMessages(wanted.map(elementOf));
  showModal(modal === null ? null : elementOf(modal));
  empty.hidden = wanted.length > 0;
  if (isAtEnd) scroll.scrollTop = scroll.scrollHeight;
}

/** Leaves every message alone that is as it was: focus and selection stay. */
function showMessages(wanted) {
  const ids = new Set(wanted.map(({ id }) => id));
  for (const there of messages.querySelectorAll(':scope > li')) if (!ids.has(there.id)) there.remove();
  for (const [index, element] of wanted.entries()) {
    const there = messages.children[index];
    if (there?.id !== element.id) messages.insertBefore(withTimes(element), there ?? null);
    else if (there.dataset.key !== element.dataset.key) there.replaceWith(withTimes(element));
  }
}

/** What was typed stays when the same modal is drawn again. */
function showModal(wanted) {
  const [there] = modals.children;
  if (there?.dataset.key === wanted?.dataset.key) return;
  const typed = new Map(
    there === undefined
      ? []
      : [...there.querySelectorAll('[name^="typed:"]')].map((field) => [field.name, field.value]),
  );
  const isSame = wanted !== null && there?.dataset.key.split(' ')[0] === wanted.dataset.key.split(' ')[0];
  there?.remove();
  if (wanted === null) return;
  modals.append(withTimes(wanted));
  if (isSame)
    for (const field of wanted.querySelectorAll('[name^="typed:"]')) field.value = typed.get(field.name) ?? field.value;
  wanted.addEventListener('cancel', (event) => {
    event.preventDefault();
    void send('/page/dismiss', { modal: wanted.querySelector('[name="modal"]').value });
  });
  wanted.showModal();
}

function elementOf(text) {
  const template = document.createElement('template');
  template.innerHTML = text;
  return template.content.firstElementChild;
}

/** Times in the reader's own zone, in the forms that Slack has for them. */
function withTimes(element) {
  for (const time of element.querySelectorAll('time[data-format]')) {
    const at = new Date(time.dateTime);
    const shown = (options) => new Intl.DateTimeFormat(undefined, options).format(at);
    time.textContent = time.dataset.format.replaceAll(/\{(\w+)\}/g, (token, name) => {
      if (name === 'time_secs') return shown({ timeStyle: 'medium' });
      if (name === 'time') return shown({ timeStyle: 'short' });
      if (name === 'date_num') return at.toISOString().slice(0, 10);
      if (name.endsWith('_pretty') && at.toDateString() === new Date().toDateString()) return 'today';
      if (name.startsWith('date_long')) return shown({ dateStyle: 'full' });
      return name.startsWith('date') ? shown({ dateStyle: 'medium' }) : token;
    });
    time.title = at.toLocaleString();
  }
  return element;
}

/** Gives what went wrong, in words, or null. */
async function send(path, fields) {
  const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
  if (!answer.ok) return 'The local Slack did not take it.';
  return (await answer.json()).trouble;
}

/** Sends a form off, and says where it stands when that did not work. */
async function sendForm(form) {
  const buttons = [...form.querySelectorAll('button')];
  for (const button of buttons) button.disabled = true;
  const place = form.closest('.message, dialog, .composer');
  const trouble = await send(PATHS[form.dataset.act], new FormData(form)).catch(() => 'The local Slack is not there.');
  for (const button of buttons) button.disabled = false;
  const words = place?.querySelector('[data-trouble]');
  if (words) words.textContent = trouble ?? '';
  if (trouble === null && form.dataset.act === 'type') form.querySelector('#typed').value = '';
}

/** Sends a form off once its question was answered with yes. */
function ask(question, form) {
  question.returnValue = 'no';
  question.addEventListener('close', () => question.returnValue === 'yes' && void sendForm(form), { once: true });
  question.showModal();
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.act === undefined) return; // dialogs close by themselves
  event.preventDefault();
  const question = document.getElementById(form.dataset.confirm ?? '');
  if (question === null) void sendForm(form);
  else ask(question, form);
});

document.addEventListener('click', (event) => {
  const element = event.target instanceof Element ? event.target : null;
  const dismiss = element?.closest('[data-dismiss]');
  const hide = element?.closest('[data-hide]');
  const link = element?.closest('[data-sends]');
  if (dismiss) void send('/page/dismiss', { modal: dismiss.dataset.dismiss });
  if (hide) {
    const channel = document.querySelector('.composer [name="channel"]').value;
    void send('/page/hide', { channel, ts: hide.dataset.hide });
  }
  if (link) void sendForm(link.closest('form')); // Slack tells the app of links too
});

const changes = new EventSource('/page/changes');
changes.addEventListener('message', () => void draw());
