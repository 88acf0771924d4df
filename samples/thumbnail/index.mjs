/** Makes a picture smaller. In: { image: base64, width: pixels }. Out: { image: base64 JPEG, width, height, bytes }. */
import sharp from "sharp";

export const handler = async ({ image, width = 320 }) => {
  if (typeof image !== "string") throw new TypeError('The event needs a member "image" with a picture in base64.');
  const source = sharp(Buffer.from(image, "base64"), { limitInputPixels: 100_000_000 });
  const before = await source.metadata();
  const { data, info } = await source
    .resize({ width })
    .jpeg({ quality: 80, mozjpeg: true })
    .toBuffer({ resolveWithObject: true });
  console.log(
    `${before.width}x${before.height} ${before.format} -> ${info.width}x${info.height} jpeg, ${data.length} bytes`,
  );
  return { image: data.toString("base64"), width: info.width, height: info.height, bytes: data.length };
};
