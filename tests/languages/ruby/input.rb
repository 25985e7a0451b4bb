# frozen_string_literal: true

# A module's doc.
module Outer
  class Inner::Stack < Base
    include Enumerable

    # Makes one.
    #
    # @param size [Integer] how many
    # rubocop:disable Metrics/MethodLength
    def initialize(size)
      super
      reserve(size).each { |x| x.go }
    end

    # Visibility belongs to the method.
    private def hidden = 1

    # A blank line parts this from the method.

    def self.build(*args, **options, &block)
      new(*args)
    end

    class << self
      def meta; end
    end

    def ==(other)
      true
    end

    def size=(value); end

    def ask?; end

    ##
    # RDoc's own opening.
    def rdoc
    end
  end
end

=begin
A block comment.
=end
def top_level
end

def Outer.singleton
end
