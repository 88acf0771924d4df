# frozen_string_literal: true

require 'socket'

module KilnRuntime
  # An answer of the Runtime API. Header names are in lower case; `[]` takes them as they are written.
  Response = Struct.new(:status, :headers, :body) do
    def [](name)
      headers[name.downcase]
    end
  end

  # HTTP/1.1 to the Runtime API over one kept-alive connection. It does what this one server needs and no more, because
  # every call passes through it: requests go out whole in one write, a response and the request for the next event in
  # the same one, and answers come back in the order of the requests (RFC 9112, section 9.3.2).
  class Client
    HEAD_BYTES = 64 * 1024
    # Events have at most 6 MiB.
    BODY_BYTES = 16 * 1024 * 1024
    # Where Kiln listens as well, if it can, by the address that it gives a runtime; a proxy of the function's has another.
    ADDRESS = '127.0.0.1:9001'
    LOCAL = "\0kiln-runtime-api"

    # address: `host:port`
    def initialize(address)
      @host = address
      connect
    end

    # Anew where there was a connection.
    def connect
      @socket = local || tcp
    end

    def get(path)
      @socket.write(head('GET', path))
      read
    end

    # fields: header lines, each with its CRLF
    def post(path, fields, body)
      @socket.write(head('POST', path, fields, body), body)
      read
    end

    # Sends an answer and asks for what comes next. Gives the answer to the second; what the first one's says changes
    # nothing here.
    def post_then_get(path, fields, body, next_path)
      @socket.write(head('POST', path, fields, body), body, head('GET', next_path))
      read
      read
    end

    private

    def local
      UNIXSocket.new(LOCAL) if @host == ADDRESS
    rescue SystemCallError
      nil
    end

    def tcp
      host, _, port = @host.rpartition(':')
      socket = TCPSocket.new(host, Integer(port))
      socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
      socket
    end

    def head(method, path, fields = '', body = nil)
      length = body.nil? ? '' : "content-length: #{body.bytesize}\r\n"
      "#{method} #{path} HTTP/1.1\r\nhost: #{@host}\r\n#{fields}#{length}\r\n"
    end

    def read
      status_line, *lines = line("\r\n\r\n").split("\r\n")
      status = status_line[%r{\AHTTP/1\.1 (\d{3})(?: |\z)}, 1]
      raise 'The Runtime API sent something that is not HTTP/1.1.' if status.nil?

      headers = lines.to_h do |field|
        name, _, value = field.partition(':')
        [name.downcase, value.strip]
      end
      body = headers.key?('transfer-encoding') ? chunked : fixed(Integer(headers.fetch('content-length', '0'), 10))
      Response.new(Integer(status, 10), headers, body)
    end

    def line(terminator)
      text = @socket.gets(terminator, HEAD_BYTES)
      raise 'The Runtime API closed the connection.' if text.nil?
      raise 'The Runtime API sent a head that is too long.' unless text.end_with?(terminator)

      text.delete_suffix(terminator).force_encoding(Encoding::UTF_8)
    end

    def fixed(length)
      bytes(length).force_encoding(Encoding::UTF_8)
    end

    # RFC 9112, section 7.1.
    def chunked
      body = String.new(encoding: Encoding::BINARY)
      loop do
        size = Integer(line("\r\n")[/\A\h{1,8}/] || raise('The Runtime API sent a malformed chunk.'), 16)
        break if size.zero?

        body << bytes(size)
        too_long if body.bytesize > BODY_BYTES
        bytes(2)
      end
      nil until line("\r\n").empty?
      body.force_encoding(Encoding::UTF_8)
    end

    def bytes(length)
      too_long if length.negative? || length > BODY_BYTES
      found = @socket.read(length)
      raise 'The Runtime API closed the connection.' if found.nil? || found.bytesize < length

      found
    end

    def too_long
      raise 'The Runtime API sent a body that is too long.'
    end
  end
end
