// What a screen reader has to say, from Chromium's own accessibility tree: one line for each thing it would speak, indented by what it
// is in. It is not the voice of one product (each has its own order and words), but nothing can be spoken that is not here.

// Nothing is said of these by themselves.
const silent = new Set(['RootWebArea', 'generic', 'none', 'paragraph', 'InlineTextBox', 'LineBreak', 'ListMarker', 'LabelText', 'div']);
// Said with the text in them, which is not said again.
const withText = new Set(['heading', 'link', 'button', 'checkbox', 'radio', 'textbox', 'combobox', 'time', 'mark', 'strong', 'emphasis', 'code', 'term', 'caption', 'rowheader', 'columnheader', 'cell']);
// Part of the sentence that it stands in.
const inline = new Set(['strong', 'emphasis', 'code', 'time', 'mark', 'abbr', 'subscript', 'superscript']);
const states = ['checked', 'expanded', 'pressed', 'selected', 'disabled', 'required', 'invalid', 'busy', 'hasPopup', 'live', 'roledescription'];

/** The whole page, or what is in the element that `within` selects, as lines. */
export async function transcript(page, within = 'html') {
  const session = await page.context().newCDPSession(page);
  try {
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const byId = new Map(nodes.map((node) => [node.nodeId, node]));
    let start = nodes[0];
    if (within !== 'html') {
      const { root } = await session.send('DOM.getDocument');
      const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: within });
      if (nodeId === 0) throw new Error(`there is no ${within}`);
      const { node } = await session.send('DOM.describeNode', { nodeId });
      start = nodes.find(({ backendDOMNodeId }) => backendDOMNodeId === node.backendNodeId);
    }
    const current = await currents(session);
    const lines = within === 'html' ? [`page: ${start.name?.value ?? ''}`] : [];
    speak(start, { byId, current, lines, depth: 0 });
    return `${together(lines).join('\n')}\n`;
  } finally {
    await session.detach();
  }
}

// A list item, or a definition, that holds one thing only is spoken with it.
function together(lines) {
  const deep = (line) => (line === undefined ? -1 : line.length - line.trimStart().length);
  const out = [];
  for (let at = 0; at < lines.length; at += 1) {
    const alone = /^ *(listitem|definition)( \[|$)/.test(lines[at]) && deep(lines[at + 1]) > deep(lines[at]) && deep(lines[at + 2]) <= deep(lines[at]);
    if (alone) out.push(`${lines[at]}, ${lines[(at += 1)].trimStart()}`);
    else out.push(lines[at]);
  }
  return out;
}

// The tree tells most states, but not what is current.
async function currents(session) {
  const { root } = await session.send('DOM.getDocument', { depth: -1 });
  const found = new Map();
  const walk = (node) => {
    const at = node.attributes?.indexOf('aria-current') ?? -1;
    if (at % 2 === 0) found.set(node.backendNodeId, node.attributes[at + 1]);
    for (const child of node.children ?? []) walk(child);
  };
  walk(root);
  return found;
}

const children = (node, byId) => (node.childIds ?? []).map((id) => byId.get(id)).filter(Boolean);
const squeeze = (text) => text.replace(/\s+/g, ' ').trim();
const bare = (text) => text.replace(/\s+/g, '');

// Text of everything below, as it is read out in one go.
function textOf(node, byId) {
  const role = node.role?.value;
  if (role === 'StaticText') return node.name?.value ?? '';
  if (role === 'InlineTextBox' || role === 'ListMarker') return '';
  if (role === 'LineBreak') return ' ';
  return children(node, byId).map((child) => textOf(child, byId)).join('');
}

function speak(node, state) {
  const { byId, current, lines, depth } = state;
  const role = node.ignored ? 'none' : node.role?.value;
  const name = squeeze(node.name?.value ?? '');
  const say = (line) => lines.push(`${'  '.repeat(depth)}${line}`);
  let below = depth;
  if (!node.ignored && !silent.has(role) && role !== 'StaticText') {
    const property = (wanted) => node.properties?.find((one) => one.name === wanted)?.value?.value;
    const text = squeeze(textOf(node, byId));
    const words = name || (withText.has(role) ? text : '');
    const extras = [];
    for (const one of states) {
      const value = property(one);
      if (value !== undefined && value !== false && value !== 'false' && value !== 'off' && value !== '') extras.push(value === true || value === 'true' ? one : `${one} ${value}`);
    }
    if (current.has(node.backendDOMNodeId)) extras.push(`current ${current.get(node.backendDOMNodeId)}`);
    if (node.value?.value) extras.push(`value “${node.value.value}”`);
    const description = squeeze(node.description?.value ?? '');
    if (description) extras.push(`described as “${description}”`);
    const level = property('level');
    const listed = role === 'list' ? `, ${children(node, byId).filter((child) => child.role?.value === 'listitem').length} items` : '';
    say(`${role}${role === 'heading' ? ` ${level}` : ''}${listed}${words ? `: ${words}` : ''}${extras.length > 0 ? ` [${extras.join('; ')}]` : ''}`);
    // A name that is not the text in it, such as one of aria-label, hides that text from who hears only names.
    if (withText.has(role) && bare(words) === bare(text)) {
      const inside = role === 'link' ? [] : links(node, byId);
      // A heading that is a link as a whole is spoken once, as both.
      if (inside.length === 1 && bare(textOf(inside[0], byId)) === bare(text)) lines.push(lines.pop().replace(/^( *[^:]+):/, '$1, link:'));
      else for (const link of inside) speak(link, { ...state, depth: depth + 1 });
      return;
    }
    below = depth + 1;
  }
  let sentence = '';
  const flush = () => {
    if (squeeze(sentence)) lines.push(`${'  '.repeat(below)}text: ${squeeze(sentence)}`);
    sentence = '';
  };
  const walk = (list) => {
    for (const child of list) {
      const kind = child.role?.value;
      if (kind === 'StaticText' && !child.ignored) sentence += child.name?.value ?? '';
      else if (kind === 'LineBreak') sentence += ' ';
      else if (!child.ignored && inline.has(kind)) sentence += textOf(child, byId);
      // What is not in the tree itself, but holds what is: an inline <span> goes on in the same sentence.
      else if (child.ignored || kind === 'generic' || kind === 'none') {
        const plain = children(child, byId).every((one) => ['StaticText', 'LineBreak', 'InlineTextBox'].includes(one.role?.value) || inline.has(one.role?.value));
        if (plain) sentence += ` ${textOf(child, byId)} `;
        else walk(children(child, byId));
      } else if (kind === 'paragraph') {
        flush();
        walk(children(child, byId));
        flush();
      } else if (!silent.has(kind)) {
        flush();
        speak(child, { ...state, depth: below });
      } else if (kind !== 'InlineTextBox') walk(children(child, byId));
    }
  };
  walk(children(node, byId));
  flush();
}

function links(node, byId) {
  return children(node, byId).flatMap((child) => (child.role?.value === 'link' && !child.ignored ? [child] : links(child, byId)));
}
