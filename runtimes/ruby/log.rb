# frozen_string_literal: true

module KilnRuntime
  # Log events as AWS's Ruby runtime has them: what `puts` or a Logger writes at once is one event, of however many
  # lines. One line on standard output is one event; a newline inside an event is sent as a carriage return, and the host
  # turns it back.
  module Log
    # A device for Logger.
    module Sink
      def self.write(text)
        Log.write(text)
      end

      def self.close; end
    end

    # Logger's defaults where it writes to the function's log.
    module LoggerDefaults
      def initialize(device, *args, level: nil, formatter: nil, **options)
        if device.nil? || device.equal?($stdout) || device.equal?($stderr)
          super(Sink, *args, level: level || Log.level, formatter: formatter || Log.formatter, **options)
        else
          super(device, *args, level: level || ::Logger::DEBUG, formatter: formatter, **options)
        end
      end
    end

    # `I, [2026-03-10T22:30:46.745494 #16]  INFO <request id> -- progname: message`
    class TextFormatter < ::Logger::Formatter
      def call(severity, time, progname, message)
        format(
          '%<initial>s, [%<time>s #%<process>d] %<severity>5s %<request>s -- %<progname>s: %<message>s',
          initial: severity[0], time: format_datetime(time), process: Process.pid, severity: severity,
          request: $_global_aws_request_id, progname: progname, message: Errors.text(msg2str(message))
        )
      end
    end

    # One object an event; of an exception its parts.
    class JsonFormatter < ::Logger::Formatter
      def call(severity, time, progname, message)
        event = {
          timestamp: time.getutc.strftime('%Y-%m-%dT%H:%M:%S.%6NZ'),
          level: severity,
          message: Errors.text(message.is_a?(Exception) ? message.message : msg2str(message)),
          requestId: $_global_aws_request_id,
          logger: filled(Errors.text(progname))
        }
        event.merge!(parts(message)) if message.is_a?(Exception)
        JSON.generate(event.compact)
      end

      private

      def parts(error)
        stack = (error.backtrace || []).map { |line| Errors.text(line) }
        place = stack.first&.match(/\A(?<file>.+):(?<line>\d+):in [`'](?<method>.+)'\z/)
        {
          errorType: error.class.to_s,
          errorMessage: Errors.text(error.message),
          stackTrace: stack,
          location: place.nil? ? stack.first : "#{place[:file]}:#{place[:method]}:#{place[:line]}"
        }
      end

      def filled(text)
        text unless text.empty?
      end
    end

    class << self
      # Changes `puts` and Logger; call it once the environment is the function's.
      def patch
        ::Logger.prepend(LoggerDefaults)
        ::Kernel.module_eval do
          private def puts(*values)
            KilnRuntime::Log.write(values.flatten.map { |value| KilnRuntime::Errors.text(value) }.join("\n"))
            nil
          end
        end
      end

      # Writes one event.
      def write(text)
        STDOUT.write("#{text.b.chomp("\n").tr("\n", "\r")}\n")
      end

      # Where nothing else is asked for: everything, or what the function's configuration says.
      def level
        name = ENV['AWS_LAMBDA_LOG_LEVEL'].to_s.upcase
        %w[DEBUG INFO WARN ERROR FATAL].include?(name) ? ::Logger.const_get(name) : ::Logger::DEBUG
      end

      def formatter
        ENV['AWS_LAMBDA_LOG_FORMAT'].to_s.casecmp?('JSON') ? JsonFormatter.new : TextFormatter.new
      end
    end
  end
end
