// A visit by video: shows who is there, and keeps the two browsers in touch. Pictures and sound go from browser to browser.
"use strict";
const stage = document.querySelector("[data-call]");
const part = (name) => stage.querySelector(`[data-${name}]`);
const say = (key) => { part("status").textContent = stage.dataset[key] ?? ""; };
const windowId = crypto.randomUUID();
const mine = new MediaStream();
const side = stage?.dataset.side;
// By window, everybody else who is there: each two browsers have a connection of their own.
const peers = new Map();
const early = new Map();
let socket, others = [], state = null, guests = null, relay = null, heard = 0, wait = 500, isOver = false;

const send = (to, message) => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ to, body: JSON.stringify(message) }));
};

const servers = () => ({ iceServers: relay ? [relay] : [] });
const nameOf = ({ id, name }) => name ?? stage.dataset[`${id}Name`];
const isConnected = () => peers.size > 0 && [...peers.values()].every(({ connection }) => connection.connectionState === "connected");

// Where they are seen: whoever the visit is with has the large picture, a guest one beside it.
const tileOf = (other) => {
  if (other.id === stage.dataset.main) return part("main-tile");
  const tile = part("tile").content.firstElementChild.cloneNode(true);
  tile.querySelector("video").setAttribute("aria-label", nameOf(other));
  tile.querySelector(".who-is").textContent = nameOf(other);
  part("tiles").append(tile);
  return tile;
};

const leave = (window) => {
  const gone = peers.get(window);
  if (!gone) return;
  gone.connection.close();
  gone.tile.querySelector("video").srcObject = null;
  if (gone.tile !== part("main-tile")) gone.tile.remove();
  peers.delete(window);
};

const leaveAll = () => { for (const window of [...peers.keys()]) leave(window); };

// How it is with all of them together: the worst is said.
const judge = () => {
  const states = [...peers.values()].map(({ connection }) => connection.connectionState);
  stage.dataset.connection = states.find((one) => one !== "connected") ?? states[0] ?? "new";
  stage.dataset.connected = states.filter((one) => one === "connected").length;
};

// One connection for each window of somebody else; what was with a window that is gone is of no use.
const meet = (other) => {
  const connection = new RTCPeerConnection(servers());
  // Of two that meet, the window whose name comes last begins. Later both may offer at once, and the other one gives way.
  const peer = { connection, tile: tileOf(other), isPolite: windowId < other.window, making: false, ignoring: false };
  const tell = (message) => send(other.window, message);
  // An offer that nobody answers was lost on its way: it is made again.
  const insist = () => {
    if (peers.get(other.window) !== peer || connection.signalingState !== "have-local-offer") return;
    tell({ description: connection.localDescription });
    setTimeout(insist, 5000);
  };
  peer.tell = tell;
  peers.set(other.window, peer);
  for (const track of mine.getTracks()) connection.addTrack(track, mine);
  if (!mine.getTracks().length) connection.addTransceiver("video", { direction: "recvonly" });
  connection.ontrack = ({ streams, track }) => { peer.tile.querySelector("video").srcObject = streams[0] ?? new MediaStream([track]); };
  connection.onicecandidate = ({ candidate }) => { if (candidate) tell({ candidate }); };
  connection.onnegotiationneeded = async () => {
    // A first offer that is taken back leaves Chromium now and then without any address to try.
    if (peer.isPolite && !connection.remoteDescription) return;
    try {
      peer.making = true;
      await connection.setLocalDescription();
      tell({ description: connection.localDescription });
      setTimeout(insist, 5000);
    } finally { peer.making = false; }
  };
  connection.onconnectionstatechange = () => {
    judge();
    if (isConnected()) say("live");
    if (connection.connectionState !== "failed") return;
    // They reach each other, and the other side is not who the offer said it is: what was between them changed it.
    if (connection.getReceivers().some(({ transport }) => transport?.state === "failed")) return say("unsafe");
    say("reconnecting");
    connection.restartIce();
  };
  for (const message of early.get(other.window)?.splice(0) ?? []) hear(other.window, message);
};

// - from: the window it is of, as the server knows it.
const hear = async (from, message) => {
  const { description, candidate } = message;
  const peer = peers.get(from);
  // Of a window that the state has not named yet: it is heard after that.
  if (!peer) { early.set(from, [...(early.get(from) ?? []).slice(-99), message]); return; }
  const { connection } = peer;
  try {
    if (description) {
      const collides = description.type === "offer" && (peer.making || connection.signalingState !== "stable");
      peer.ignoring = collides && !peer.isPolite;
      if (peer.ignoring) return;
      await connection.setRemoteDescription(description);
      if (description.type !== "offer") return;
      await connection.setLocalDescription();
      peer.tell({ description: connection.localDescription });
    } else if (candidate) await connection.addIceCandidate(candidate);
  } catch (error) { if (!peer.ignoring) console.warn(error.name); }
};

// Who is in the room, for all to see; who comes and who goes is said.
const list = (before) => {
  const there = others.filter(({ window }) => window);
  part("people").replaceChildren(...["you", ...there].map((one) => {
    const line = document.createElement("li");
    if (one === "you") line.textContent = stage.dataset.you;
    else {
      const name = document.createElement("span");
      name.translate = !one.name;
      name.textContent = nameOf(one);
      line.append(name, one.kind ? ` (${stage.dataset[`${one.kind}Guest`]})` : "");
    }
    return line;
  }));
  part("room").hidden = false;
  const isIn = ({ id }, people) => people.some((one) => one.id === id && one.window);
  const came = there.filter((one) => one.name && !isIn(one, before)).map((one) => stage.dataset.came.replace("{name}", nameOf(one)));
  const went = before.filter((one) => one.name && one.window && !isIn(one, others)).map((one) => stage.dataset.went.replace("{name}", nameOf(one)));
  if (came.length || went.length) part("comings").textContent = [...came, ...went].join(" ");
};

// This page as it is now: the browser reads it, a script may not. Null where it cannot be had.
const pageNow = () => new Promise((done) => {
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  // A page that asks for itself keeps nobody signed in.
  request.setRequestHeader("Chartline-Live", "1");
  request.onload = () => done(request.status === 200 ? request.response : null);
  request.onerror = () => done(null);
  request.send();
});

// Whoever waits to be let in, and the buttons for it, as the page has them now; and where one writes, once there is room for that.
const refreshGuests = async () => {
  const page = await pageNow();
  const fresh = page?.querySelector("[data-guests]"), chat = page?.querySelector("[data-chat]");
  if (!fresh) return;
  if (chat && !document.querySelector("[data-chat]")) document.querySelector("[data-guests]").before(document.adoptNode(chat));
  document.querySelector("[data-guests]").replaceWith(document.adoptNode(fresh));
  if (fresh.dataset.said) part("comings").textContent = fresh.dataset.said;
};

// What was written beside the call and is not on the page yet; it is read out as it comes.
const refreshChat = async () => {
  const fresh = (await pageNow())?.querySelector("[data-chat-log]");
  const log = document.querySelector("[data-chat-log]");
  if (!fresh || !log) return;
  const there = log.querySelector(".thread");
  if (!there) { if (fresh.querySelector(".thread")) log.replaceChildren(document.adoptNode(fresh.querySelector(".thread"))); return; }
  const lines = [...fresh.querySelectorAll("article")];
  for (const line of lines.slice(there.querySelectorAll("article").length)) there.append(document.adoptNode(line));
};

const write = async (form) => {
  const said = document.querySelector("[data-chat-said]");
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  said.textContent = answer?.ok ? "" : document.querySelector("[data-chat]").dataset.notSent;
  // What is sent next is another message. After a no, too, which is the answer to its key for good; where no answer came it stays the same one.
  if (answer?.ok || answer?.status === 409 || answer?.status === 422) form.elements.submission.value = crypto.randomUUID();
  if (!answer?.ok) return;
  form.elements.text.value = "";
  await refreshChat();
};

const look = (news) => {
  // The page is on its way to the next.
  if (isOver) return;
  const before = state;
  state = news.state;
  const known = before ?? stage.dataset.state;
  const isGone = ["ended", "cancelled", "missedPatient", "missedClinician", "removed"].includes(state) ||
    (known !== "scheduled" && state === "scheduled" && side !== "guest");
  // The clinic's page has other buttons before somebody waits, while they do, and after they were let in.
  const isOther = side === "clinician" && known !== state && [known, state].includes("waiting");
  // Who is kept waiting has a choice, which the page shows when it is loaded again.
  const isToChoose = side === "patient" && state === "waiting" && news.isLate && stage.dataset.late === "false";
  if (isGone || isOther || isToChoose) {
    isOver = true;
    leaveAll();
    location.reload();
    return;
  }
  if (news.guests !== null && news.guests !== undefined) {
    if (guests !== null && guests !== news.guests || guests === null && news.guests) refreshGuests();
    guests = news.guests;
  }
  if (!["admitted", "live", "reconnecting"].includes(state)) return say(state);
  if (side === "patient" && !document.querySelector("[data-chat]")) refreshGuests();
  if (news.relay) {
    relay = news.relay;
    for (const { connection } of peers.values()) connection.setConfiguration(servers());
  }
  const last = others;
  others = news.others;
  // Whose window is not there at the moment may go on speaking; who was sent away, or has another window, does not.
  for (const window of [...peers.keys()]) {
    const kept = last.find((one) => one.window === window || one.kept === window);
    const now = others.find(({ id }) => id === kept?.id);
    if (!now || now.window && now.window !== window) leave(window);
    else if (!now.window) now.kept = window;
  }
  for (const other of others) {
    if (other.window && !peers.has(other.window)) meet(other);
    else if (other.window && before === "reconnecting") {
      const { connection } = peers.get(other.window);
      if (connection.connectionState !== "connected") connection.restartIce();
    }
  }
  list(last);
  judge();
  if (!isConnected()) say(others.some(({ window }) => window) ? "connecting" : "admitted");
};

const open = async () => {
  if (isOver) return;
  try {
    const form = new URLSearchParams(new FormData(part("ticket")));
    form.set("submission", crypto.randomUUID());
    const answer = await fetch(part("ticket").action, { method: "POST", body: form });
    // Not yet, or no more: where the page knows of a call, it is over.
    if (answer.status === 409 && stage.dataset.state !== "scheduled") { isOver = true; location.reload(); return; }
    if (!answer.ok) throw new Error(answer.status);
    const { ticket } = await answer.json();
    const query = new URLSearchParams({ ticket, window: windowId, heard });
    // Of which visit it is, a guest's page does not know.
    if (side === "guest") query.set("guest", "1");
    else {
      query.set("patient", stage.dataset.patient);
      query.set("appointment", stage.dataset.appointment);
    }
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/calls/socket?${query}`);
  } catch { return again(); }
  socket.onopen = () => { wait = 500; stage.dataset.socket = "open"; };
  socket.onmessage = ({ data }) => {
    const news = JSON.parse(data);
    if (news.type === "state") look(news);
    else if (news.type === "signal") {
      heard = news.position;
      hear(news.from, JSON.parse(news.body));
    }
    else if (news.type === "chat") refreshChat();
    else if (news.type === "replaced") { isOver = true; leaveAll(); say("replaced"); }
  };
  socket.onclose = () => { stage.dataset.socket = "closed"; again(); };
};

// Who speaks goes on speaking meanwhile.
const again = () => {
  if (isOver) return;
  if (!isConnected()) say("reconnecting");
  setTimeout(open, wait * (0.8 + Math.random() * 0.4));
  wait = Math.min(wait * 2, 4000);
};

// What was chosen when the devices were tried.
const chosen = (name) => {
  const id = sessionStorage.getItem(name);
  return id ? { deviceId: { ideal: id } } : true;
};

const toggle = (name, tracks) => {
  part(name).onclick = () => {
    const off = part(name).getAttribute("aria-pressed") !== "true";
    part(name).setAttribute("aria-pressed", String(off));
    for (const track of tracks()) track.enabled = !off;
  };
};

const begin = async () => {
  part("tools").hidden = false;
  toggle("mute", () => mine.getAudioTracks());
  toggle("hide", () => mine.getVideoTracks());
  part("share").onclick = async () => {
    const screen = await navigator.mediaDevices.getDisplayMedia({ video: true }).catch(() => null);
    const track = screen?.getVideoTracks()[0];
    const senders = [...peers.values()].map(({ connection }) => connection.getSenders().find((one) => one.track?.kind === "video"));
    if (!track) return;
    const camera = mine.getVideoTracks()[0];
    for (const sender of senders) await sender?.replaceTrack(track);
    track.onended = () => { for (const sender of senders) sender?.replaceTrack(camera ?? null); };
  };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: chosen("microphone"), video: chosen("camera") });
    for (const track of stream.getTracks()) mine.addTrack(track);
    part("mine").srcObject = mine;
  } catch { part("no-camera").hidden = false; }
  document.addEventListener("submit", async (event) => {
    // What is written, whom to let in and whom to send away is said without leaving the visit.
    const isChat = event.target.closest("[data-chat]");
    if (!isChat && !event.target.closest("[data-guests]")) { isOver = true; return; }
    event.preventDefault();
    if (isChat) return await write(event.target);
    await fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) }).catch(() => null);
    await refreshGuests();
  });
  window.addEventListener("online", () => { for (const { connection } of peers.values()) connection.restartIce(); });
  await open();
};
if (stage) begin();
