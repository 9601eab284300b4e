"""Runs yt-dlp in processes that are forked from this one, which has loaded it already: a start of Python and yt-dlp takes
0.6 s of CPU time, a fork less than 0.1 s.

Each line of standard input is a request: {"id", "socket", "program", "arguments", "directory", "environment"}. The forked process
leads a group of its own and connects three times to the socket, saying which connection is which in a first line
`<id> <name> [<process id>]`: `stdout` and `stderr`, and `status`, which then carries the exit code. This process ends when its
input does; it knows nothing of the ends of the others. Arguments come in requests because every user of a machine
can read those of a process; its own are the path and the version of the Node that started it.
"""

import gc
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.parse

# Modules are looked for where yt-dlp looks for them, not beside this file.
sys.path.pop(0)

import yt_dlp  # noqa: E402

COVER_SECONDS = 15
COVER_SECONDS_AFTER_THE_AUDIO = 3
COVER_BYTES = 10 * 1024 * 1024
COVER_EXTENSIONS = ('jpg', 'jpeg', 'png', 'webp')
VIDEO = 'https://www.youtube.com/watch?v=aaaaaaaaaaa'
covers = []


def load():
    """What every run needs, so that it is shared by all forks. A part that another version of yt-dlp lacks is loaded later."""
    try:
        options = ['--ignore-config', '--quiet', '--no-plugin-dirs', '--use-extractors', 'youtube,youtube:tab']
        with yt_dlp.YoutubeDL(yt_dlp.parse_options(options).ydl_opts) as ydl:
            ydl.get_info_extractor('Youtube')
            for extractor in ydl._ies.values():
                extractor.suitable(VIDEO)
        # Runs `file` and `uname`.
        yt_dlp.utils.system_identifier()
    except Exception as error:  # The forked process meets the same error, and reports it.
        print(f'Preparing yt-dlp failed: {error!r}', file=sys.stderr)
    share()


def rehearse():
    """Does what a download does apart from the network: the regular expressions that it compiles, a third of its time, are kept."""
    try:
        # Tries all forms of dates.
        yt_dlp.utils.unified_strdate('none')
        options = ['--ignore-config', '--quiet', '--no-plugin-dirs', '--format-sort', 'lang']
        filters = ['--match-filters', '!is_live & live_status!=?is_upcoming & duration<=?9']
        audio = {'url': 'https://www.youtube.com/a', 'ext': 'm4a', 'vcodec': 'none', 'acodec': 'mp4a.40.2', 'format_id': '140'}
        other = {**audio, 'ext': 'webm', 'acodec': 'opus', 'format_id': '251'}
        info = {'id': 'aaaaaaaaaaa', 'title': 'none', 'webpage_url': VIDEO, 'extractor': 'youtube', 'extractor_key': 'Youtube'}
        with yt_dlp.YoutubeDL(yt_dlp.parse_options(options + filters).ydl_opts) as ydl:
            ydl.process_ie_result({**info, 'formats': [audio, other]}, download=False)
            for template in ('%(.{id,title})j', 'audio.%(ext)s'):
                ydl.evaluate_outtmpl(template, {**info, 'ext': 'm4a'})
    except Exception as error:
        print(f'Rehearsing a download failed: {error!r}', file=sys.stderr)
    share()


def share():
    """Keeps all objects as they are: the collector would write to their pages, and so copy them in each fork."""
    gc.collect()
    gc.freeze()


def know_node(program, version):
    """Each run asks the JavaScript runtime for its version; that of the Node which started this process is known."""
    runtimes = getattr(yt_dlp.utils, '_jsruntime', None)
    original = getattr(runtimes, '_get_exe_version_output', None)
    if original is None:
        return

    def version_output(exe, args, *more, **options):
        return f'{version}\n' if exe == program and args == ['--version'] else original(exe, args, *more, **options)

    runtimes._get_exe_version_output = version_output


def write_cover(ydl, thumbnails, base):
    """Saves the best picture that the site has; a host that cannot be reached is asked once."""
    ends_at = time.monotonic() + COVER_SECONDS
    unreachable = set()
    for thumbnail in reversed(thumbnails):
        if time.monotonic() > ends_at:
            return
        extension = thumbnail.get('ext') or yt_dlp.utils.determine_ext(thumbnail['url'], 'jpg')
        host = urllib.parse.urlsplit(thumbnail['url']).hostname
        if extension not in COVER_EXTENSIONS or host in unreachable:
            continue
        try:
            request = yt_dlp.networking.Request(
                thumbnail['url'],
                headers=thumbnail.get('http_headers', {}),
                extensions={'timeout': max(1, ends_at - time.monotonic())},
            )
            with ydl.urlopen(request) as answer:
                picture = answer.read(COVER_BYTES + 1)
        except yt_dlp.networking.exceptions.HTTPError:
            continue
        except Exception as error:
            ydl.report_warning(f'Unable to download video thumbnail: {error}')
            unreachable.add(host)
            continue
        if 0 < len(picture) <= COVER_BYTES:
            name = f'{os.path.splitext(base)[0]}.{extension}'
            with open(f'{name}.part', 'wb') as file:
                file.write(picture)
            os.replace(f'{name}.part', name)
        return


def cover_beside_the_audio(original):
    """yt-dlp tries some 40 guessed addresses one after the other before it begins with the audio."""

    def write_thumbnails(ydl, label, info, filename, thumb_filename_base=None):
        if label != 'video' or not ydl.params.get('writethumbnail'):
            return original(ydl, label, info, filename, thumb_filename_base)
        thumbnails = list(info.get('thumbnails') or [])
        cover = threading.Thread(target=write_cover, args=(ydl, thumbnails, thumb_filename_base or filename), daemon=True)
        cover.start()
        covers.append(cover)
        return []

    return write_thumbnails


def connect(request, name, *more):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(request['socket'])
    connection.sendall(' '.join([request['id'], name, *more, '\n']).encode())
    return connection


def run(request):
    """The forked process; it never returns."""
    code = 1
    status = None
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = connect(request, 'status', str(os.getpid()))
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for descriptor, name in ((1, 'stdout'), (2, 'stderr')):
            connection = connect(request, name)
            os.dup2(connection.fileno(), descriptor)
            connection.close()
        sys.stdin = open(0, encoding='utf-8')
        sys.stdout = open(1, 'w', encoding='utf-8', errors='backslashreplace', buffering=1)
        sys.stderr = open(2, 'w', encoding='utf-8', errors='backslashreplace', buffering=1)
        os.environ.clear()
        os.environ.update(request['environment'])
        if request['directory'] is not None:
            os.chdir(request['directory'])
        sys.argv = [request['program'], *request['arguments']]
        try:
            yt_dlp.main(request['arguments'])
            code = 0
        except SystemExit as end:
            # As Python itself ends: a text is a message.
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        for cover in covers if code == 0 else ():
            cover.join(COVER_SECONDS_AFTER_THE_AUDIO)
        sys.stdout.flush()
    except BaseException as error:
        print(f'ERROR: {error!r}', file=sys.stderr)
    finally:
        try:
            sys.stderr.flush()
            if status is not None:
                status.sendall(f'{code}\n'.encode())
        finally:
            os._exit(code)


def serve():
    # Ended processes need no wait.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for number, line in enumerate(sys.stdin.buffer):
        request = json.loads(line)
        # Not for the first: a list of videos is fetched once.
        if number == 1:
            rehearse()
        if os.fork() == 0:
            run(request)


yt_dlp.YoutubeDL._write_thumbnails = cover_beside_the_audio(yt_dlp.YoutubeDL._write_thumbnails)
know_node(*sys.argv[1:3])
load()
serve()
