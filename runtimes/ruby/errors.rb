# frozen_string_literal: true

module KilnRuntime
  # Errors as AWS's Ruby runtime reports them.
  module Errors
    STACK_LINES = 100
    OURS = "#{__dir__}/"
    # Only the names of these go into the header that the platform reads; another may tell something of the function.
    STANDARD = %w[
      ArgumentError NoMethodError Exception StandardError NameError LoadError SystemExit SystemStackError
    ].freeze

    # phase: `Function` or `Init`. Gives the body of an error request as a Hash, fit for JSON whatever the error holds.
    def self.describe(error, phase)
      {
        errorMessage: text(error.message),
        errorType: "#{phase}<#{error.class}>",
        stackTrace: stack(error)
      }
    end

    # Header lines of an error request.
    def self.fields(error, phase)
      type = STANDARD.include?(error.class.to_s) ? "#{phase}<#{error.class}>" : 'Function<UserException>'
      "content-type: application/vnd.aws.lambda.error+json\r\nlambda-runtime-function-error-type: #{type}\r\n"
    end

    # Valid UTF-8, whatever a message is made of.
    def self.text(value)
      string = value.to_s
      string = string.dup.force_encoding(Encoding::UTF_8) if string.encoding == Encoding::BINARY
      string.encode(Encoding::UTF_8, invalid: :replace, undef: :replace, replace: "\uFFFD").scrub("\uFFFD")
    end

    # The function's own frames: it ends where the runtime's begin.
    def self.stack(error)
      lines = (error.backtrace_locations || []).first(STACK_LINES)
      lines.take_while { |line| !line.to_s.start_with?(OURS) }.map { |line| text(line) }
    end
    private_class_method :stack
  end
end
