import { createRandom, shuffledIndices } from "../evaluation/random.js";

/** Messages of one length, or of one file. */
export interface TextSet {
  readonly name: string;
  readonly messages: readonly Uint8Array[];
}

/**
 * What people write to helplines, invented: practical questions, worries, and some messages that a counsellor should
 * see first, because models take longer on some than on others.
 */
const SENTENCES: readonly string[] = [
  "hi is this the right number to write to at night",
  "what time do you open tomorrow and is it the same on saturdays",
  "I am not sure where to start so I will just write it down",
  "my exams start on monday and I have not slept properly since last week",
  "my sister says I should talk to somebody about it and I promised her",
  "nobody at school talks to me any more since the pictures went round",
  "he reads my phone when I am in the shower so please do not send anything back",
  "we moved here in spring and I still do not know anybody in this town",
  "mum is at work until late and I look after the little ones",
  "I feel so tired of everything and I cannot tell anyone at home",
  "she shouts and then she cries and then she says that it was my fault",
  "can you tell me how I get help with the rent this month",
  "the doctor gave me a letter but I do not understand what it says",
  "there is a man who waits outside after training and offers me a lift",
  "I keep thinking that they would all be better off without me",
  "thank you for last time it really helped me to sleep",
  "the bus was late again and I missed the appointment",
  "my friend has not answered since yesterday and she said goodbye in a strange way",
  "I told my teacher and she said she would call somebody but nothing happened",
  "dad has been drinking since he lost his job and last night he broke the door",
  "is it normal to be this nervous before an interview",
  "they want money or they will send the pictures to my whole class",
  "I have been feeling better since I started to go running",
  "my hands shake when I hear the key in the lock",
  "do I have to give my name if I call you",
  "my boyfriend wants me to stop seeing my friends and gets angry when I do not",
  "we have not eaten anything but rice since the beginning of the week",
  "I laughed so much yesterday that my stomach still hurts",
  "grandma died in march and I still lay the table for her",
  "I do not want to wake up tomorrow and I have thought about how",
  "the landlord says we have to be out by friday",
  "everyone says it gets better but they have been saying that for two years",
  "can somebody please answer I am alone and I am scared",
  "sorry for the long message I do not expect you to read all of it",
  "it is about my cousin, she is fourteen and they are talking about a wedding",
  "my little brother has marks on his arms and says that he fell",
  "work is fine, home is fine, and still I sit in the car for an hour before I go in",
  "I lost the leaflet that you sent me, could I have it once more",
];
const SEPARATOR = /\s+/;

/**
 * Messages of exactly `words` words, joined from invented sentences in an order that the seed gives: all different, as
 * far as that goes.
 */
export function sampleMessages(words: number, count: number, seed: number): TextSet {
  const random = createRandom(seed);
  const encoder = new TextEncoder();
  const messages = Array.from({ length: count }, () => {
    const chosen: string[] = [];
    while (chosen.length < words)
      for (const index of shuffledIndices(SENTENCES.length, random)) chosen.push(...SENTENCES[index].split(SEPARATOR));
    // Not always from the beginning of a sentence: a message of few words would else be one of thirty.
    const first = Math.floor(random() * (chosen.length - words + 1));
    return encoder.encode(chosen.slice(first, first + words).join(" "));
  });
  return { name: `${words} words`, messages };
}
