#!/bin/sh
# Builds ffmpeg and ffprobe from Debian's source (so with its security fixes), with what this program uses and no more: audio,
# cover pictures, no network. Debian's own package brings 675 MB, most of it graphics and a compiler for them.
#   build-ffmpeg.sh DIRECTORY   installs DIRECTORY/bin/ffmpeg and DIRECTORY/bin/ffprobe
set -eu
target=$1
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
cat > /etc/apt/sources.list.d/source.list <<LIST
deb-src http://deb.debian.org/debian $release main
deb-src http://deb.debian.org/debian-security $release-security main
LIST
apt-get update
apt-get install -y --no-install-recommends dpkg-dev gcc libc6-dev libmp3lame-dev make nasm xz-utils zlib1g-dev
cd "$(mktemp -d)"
apt-get source ffmpeg
cd ffmpeg-*/
version=$(dpkg-parsechangelog --show-field Version | sed 's/^[0-9]*://')
# The containers are those of INPUT_FORMATS in src/media/ffmpeg.ts; the decoders are what may be in them.
./configure --prefix="$target" --extra-version="debian-${version#*-}" \
  --disable-autodetect --disable-everything --disable-network --disable-doc --disable-debug --disable-avdevice \
  --disable-postproc --disable-ffplay --enable-zlib --enable-libmp3lame --enable-small \
  --enable-protocol=file,pipe \
  --enable-demuxer='aac,ac3,aiff,amr,caf,eac3,flac,image2,image_jpeg_pipe,image_png_pipe,image_webp_pipe,matroska,mov,mp3,mpegts,ogg,w64,wav' \
  --enable-decoder='aac*,ac3*,adpcm_*,alac,amrnb,amrwb,ape,dca,eac3,flac,mjpeg,mlp,mp1*,mp2*,mp3*,opus,pcm_*,png,speex,truehd,tta,vorbis,vp8,wavpack,webp,wmalossless,wmapro,wmav*' \
  --enable-encoder='aac,flac,libmp3lame,mjpeg,pcm_s16le,pcm_f32le,wrapped_avframe' \
  --enable-muxer='adts,flac,image2,ipod,matroska,mov,mp3,mp4,null,ogg,opus,pcm_s16le,pcm_f32le,wav,webm' \
  --enable-parser='aac*,ac3,amr,av1,dca,flac,h264,hevc,mjpeg,mlp,mpegaudio,mpeg4video,mpegvideo,opus,png,vorbis,vp8,vp9,webp' \
  --enable-filter='a*,crop,ebur128,format,hflip,loudnorm,null,overlay,pan,scale,setpts,silencedetect,split,transpose,trim,vflip,volume,volumedetect' \
  --enable-bsfs
make -j "$(nproc)"
make install-progs
