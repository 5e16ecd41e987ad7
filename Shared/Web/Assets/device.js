// Before a visit by video: tries the camera, the microphone, the speaker and the way to the TURN server, and says how the visit can take place.
"use strict";
const stage = document.querySelector("[data-device]");
const part = (name) => stage.querySelector(`[data-${name}]`);
const found = { camera: null, microphone: null, speaker: "unasked", network: null };
const kinds = { camera: "video", microphone: "audio" };
const streams = {};
let sound;

const say = (key) => { part("status").textContent = stage.dataset[key]; };

// What somebody chose here, the visit begins with.
const wanted = (name) => {
  const id = sessionStorage.getItem(name);
  return id ? { deviceId: { ideal: id } } : true;
};

const stop = (name) => { for (const track of streams[name]?.getTracks() ?? []) track.stop(); };

const take = (name, stream) => {
  stop(name);
  streams[name] = stream;
  found[name] = "works";
  if (name === "camera") part("picture").srcObject = stream;
  else listen(stream);
};

const ask = async (name) => {
  try { take(name, await navigator.mediaDevices.getUserMedia({ [kinds[name]]: wanted(name) })); }
  catch (error) { found[name] = error.name === "NotAllowedError" ? "denied" : "missing"; }
};

// Both in one question; each by itself where that fails, to know which of them it is.
const askForBoth = async () => {
  if (!navigator.mediaDevices) { found.camera = found.microphone = "missing"; return; }
  try {
    const both = await navigator.mediaDevices.getUserMedia({ video: wanted("camera"), audio: wanted("microphone") });
    take("camera", new MediaStream(both.getVideoTracks()));
    take("microphone", new MediaStream(both.getAudioTracks()));
  } catch {
    await ask("camera");
    await ask("microphone");
  }
};

const list = async () => {
  const all = await navigator.mediaDevices?.enumerateDevices() ?? [];
  for (const name of Object.keys(kinds)) {
    const choice = stage.querySelector(`select[name=${name}]`);
    const current = streams[name]?.getTracks()[0]?.getSettings().deviceId;
    choice.replaceChildren(...all.filter(({ kind, label }) => kind === `${kinds[name]}input` && label).map(({ deviceId, label }) => {
      const option = new Option(label, deviceId, false, deviceId === current);
      option.translate = false;
      return option;
    }));
    choice.closest(".field").hidden = !choice.options.length;
    choice.onchange = async () => {
      sessionStorage.setItem(name, choice.value);
      await ask(name);
      await tell();
    };
  }
};

// How loud it is, five times a second; said in words once.
const listen = (stream) => {
  const hearing = sound.createAnalyser(), samples = new Float32Array(hearing.fftSize);
  sound.createMediaStreamSource(stream).connect(hearing);
  const timer = setInterval(() => {
    if (streams.microphone !== stream) return clearInterval(timer);
    hearing.getFloatTimeDomainData(samples);
    const level = Math.min(1, 4 * Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length));
    part("level").value = level;
    if (level > 0.05 && !part("heard").textContent) part("heard").textContent = stage.dataset.heard;
  }, 200);
};

const post = async (address, fields = {}) => {
  const form = new URLSearchParams(new FormData(part("form")));
  form.set("submission", crypto.randomUUID());
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return await fetch(address, { method: "POST", body: form });
};

// A way through the TURN server is there, whatever stands between: then the two browsers meet.
const reach = async () => {
  let peer;
  try {
    const answer = await post(`${part("form").action}/relay`);
    const { relay } = answer.ok ? await answer.json() : {};
    if (!relay) return "untested";
    peer = new RTCPeerConnection({ iceServers: [relay], iceTransportPolicy: "relay" });
    peer.createDataChannel("test");
    return await new Promise((done) => {
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.type === "relay") done("reached");
        else if (!candidate) done("unreachable");
      };
      setTimeout(done, 15000, "unreachable");
      peer.setLocalDescription().catch(() => done("untested"));
    });
  } catch { return "untested"; } finally { peer?.close(); }
};

const way = () => {
  if (found.microphone !== "works" || found.speaker === "notHeard" || found.network === "unreachable") return "phone";
  return found.camera === "works" ? "video" : "audio";
};

// What it comes to, what to do about it, and whether the clinic knows.
const tell = async () => {
  if (Object.values(found).includes(null)) return;
  for (const each of stage.querySelectorAll("[data-way]")) each.hidden = each.dataset.way !== way();
  for (const each of stage.querySelectorAll("[data-why]")) {
    const [name, state] = each.dataset.why.split(" ");
    each.hidden = found[name] !== state;
  }
  part("result").hidden = false;
  stage.dataset.found = way();
  const answer = await post(part("form").action, found).catch(() => null);
  say(answer?.ok ? "told" : "untold");
};

const begin = async () => {
  part("begin").disabled = true;
  say("testing");
  sound ??= new AudioContext();
  sound.resume();
  [found.camera, found.microphone, found.network] = [null, null, null];
  part("parts").hidden = false;
  await Promise.all([askForBoth().then(list), reach().then((state) => { found.network = state; })]);
  part("picture").hidden = found.camera !== "works";
  part("meter").hidden = found.microphone !== "works";
  part("begin").textContent = stage.dataset.again;
  part("begin").disabled = false;
  await tell();
};

const play = () => {
  const tone = sound.createOscillator(), loudness = sound.createGain();
  loudness.gain.value = 0.2;
  tone.connect(loudness).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 1);
  part("answer").hidden = false;
};

if (stage) {
  part("begin").onclick = begin;
  part("play").onclick = play;
  for (const button of stage.querySelectorAll("[data-speaker]")) {
    button.onclick = () => {
      found.speaker = button.dataset.speaker;
      for (const each of stage.querySelectorAll("[data-speaker]")) each.setAttribute("aria-pressed", String(each === button));
      tell();
    };
  }
  addEventListener("pagehide", () => { for (const name of Object.keys(kinds)) stop(name); });
  part("tools").hidden = false;
}
