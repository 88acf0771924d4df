# frozen_string_literal: true

# The Ruby runtime: loads the function's handler and gives it one event after the other.

# What AWS's runtime has loaded before a function, so that functions may leave the `require` out.
require 'json'
require 'logger'
require 'net/http'
require 'stringio'
require 'time'
require_relative 'assignment'
require_relative 'client'
require_relative 'context'
require_relative 'errors'
require_relative 'handler'
require_relative 'log'
require_relative 'marshaller'
require_relative 'runner'

autoload :DidYouMean, 'did_you_mean'

# Lines are out before the answer of the call that wrote them.
$stdout.sync = true

begin
  client = KilnRuntime::Client.new(ENV.fetch('AWS_LAMBDA_RUNTIME_API'))
  KilnRuntime::Assignment.receive(client) if ENV['KILN_PREBOOT'] == '1'
  KilnRuntime::Log.patch
  exit(KilnRuntime::Runner.new(client, ENV.fetch('_HANDLER')).run(ENV.fetch('LAMBDA_TASK_ROOT')))
rescue KeyError => e
  warn "#{e.key} environment variable is not set"
  exit(1)
end
