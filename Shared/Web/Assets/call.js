// A visit by video: shows who is there, and keeps the two browsers in touch. Pictures and sound go from browser to browser.
"use strict";
const stage = document.querySelector("[data-call]");
const part = (name) => stage.querySelector(`[data-${name}]`);
const say = (key) => { part("status").textContent = stage.dataset[key] ?? ""; };
const windowId = crypto.randomUUID();
const mine = new MediaStream();
let socket, peer, other = null, state = null, relay = null, early = [], making = false, ignoring = false, heard = 0, wait = 500, isOver = false;

const send = (message) => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ body: JSON.stringify({ ...message, from: windowId }) }));
};

const servers = () => ({ iceServers: relay ? [relay] : [] });

// One connection for each window of the other side; what was with a window that is gone is of no use.
const meet = () => {
  peer?.close();
  peer = new RTCPeerConnection(servers());
  const current = peer;
  for (const track of mine.getTracks()) current.addTrack(track, mine);
  if (!mine.getTracks().length) current.addTransceiver("video", { direction: "recvonly" });
  current.ontrack = ({ streams, track }) => { part("theirs").srcObject = streams[0] ?? new MediaStream([track]); };
  current.onicecandidate = ({ candidate }) => { if (candidate) send({ candidate }); };
  current.onnegotiationneeded = async () => {
    try {
      making = true;
      await current.setLocalDescription();
      send({ description: current.localDescription });
    } finally { making = false; }
  };
  current.onconnectionstatechange = () => {
    stage.dataset.connection = current.connectionState;
    if (current.connectionState === "connected") say("live");
    if (current.connectionState !== "failed") return;
    // They reach each other, and the other side is not who the offer said it is: what was between them changed it.
    if (current.getReceivers().some(({ transport }) => transport?.state === "failed")) return say("unsafe");
    say("reconnecting");
    current.restartIce();
  };
};

// Both may offer at once: the patient's side gives way.
const hear = async (message) => {
  const { description, candidate, from } = message;
  // Of a window that the state has not named yet: it is heard after that.
  if (from !== other) { early = [...early.slice(-99), message]; return; }
  try {
    if (description) {
      const collides = description.type === "offer" && (making || peer.signalingState !== "stable");
      ignoring = collides && stage.dataset.polite !== "true";
      if (ignoring) return;
      await peer.setRemoteDescription(description);
      if (description.type !== "offer") return;
      await peer.setLocalDescription();
      send({ description: peer.localDescription });
    } else if (candidate) await peer.addIceCandidate(candidate);
  } catch (error) { if (!ignoring) console.warn(error.name); }
};

const look = (news) => {
  // The page is on its way to the next.
  if (isOver) return;
  const before = state;
  state = news.state;
  const known = before ?? stage.dataset.state;
  const isGone = ["ended", "cancelled", "missedPatient", "missedClinician"].includes(state) || (known !== "scheduled" && state === "scheduled");
  // The clinic's page has other buttons before somebody waits, while they do, and after they were let in.
  const isOther = stage.dataset.polite !== "true" && known !== state && [known, state].includes("waiting");
  if (isGone || isOther) {
    isOver = true;
    peer?.close();
    location.reload();
    return;
  }
  if (!["admitted", "live", "reconnecting"].includes(state)) return say(state);
  if (news.relay) { relay = news.relay; peer?.setConfiguration(servers()); }
  if (news.other && news.other !== other) {
    other = news.other;
    // Whoever is there first begins; the other one answers.
    meet();
    early.splice(0).forEach(hear);
  } else if (news.other && before === "reconnecting" && peer?.connectionState !== "connected") peer?.restartIce();
  if (peer?.connectionState !== "connected") say(news.other ? "connecting" : "admitted");
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
    const query = new URLSearchParams({ ticket, patient: stage.dataset.patient, appointment: stage.dataset.appointment, window: windowId, heard });
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/calls/socket?${query}`);
  } catch { return again(); }
  socket.onopen = () => { wait = 500; stage.dataset.socket = "open"; };
  socket.onmessage = ({ data }) => {
    const news = JSON.parse(data);
    if (news.type === "state") look(news);
    else if (news.type === "signal") {
      heard = news.position;
      hear(JSON.parse(news.body));
    }
    else if (news.type === "replaced") { isOver = true; peer?.close(); say("replaced"); }
  };
  socket.onclose = () => { stage.dataset.socket = "closed"; again(); };
};

// Who speaks goes on speaking meanwhile.
const again = () => {
  if (isOver) return;
  if (peer?.connectionState !== "connected") say("reconnecting");
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
    const sender = peer?.getSenders().find((one) => one.track?.kind === "video");
    if (!track || !sender) return;
    const camera = sender.track;
    await sender.replaceTrack(track);
    track.onended = () => sender.replaceTrack(camera);
  };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: chosen("microphone"), video: chosen("camera") });
    for (const track of stream.getTracks()) mine.addTrack(track);
    part("mine").srcObject = mine;
  } catch { part("no-camera").hidden = false; }
  document.addEventListener("submit", () => { isOver = true; });
  window.addEventListener("online", () => peer?.restartIce());
  await open();
};
if (stage) begin();
